// Prints golden_batches.h, made by the record classes of kafka-clients:
//     java -cp 'CLASSPATH' tests/protocol/golden/MakeBatches.java > tests/protocol/golden_batches.h
// where CLASSPATH is what `compat-tests/oracle/kafka classpath` prints.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

public class MakeBatches {
    static byte[] text(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] batch(CompressionType type, boolean transactional) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
            buffer, RecordBatch.CURRENT_MAGIC_VALUE, Compression.of(type).build(), TimestampType.CREATE_TIME,
            0L, RecordBatch.NO_TIMESTAMP, transactional ? 4711L : RecordBatch.NO_PRODUCER_ID,
            transactional ? (short) 3 : RecordBatch.NO_PRODUCER_EPOCH,
            transactional ? 42 : RecordBatch.NO_SEQUENCE, transactional, false, 7, buffer.capacity());
        builder.append(1700000000000L, (byte[]) null, (byte[]) null);
        builder.append(1700000000500L, text("key"), text("value"),
            new Header[] {new RecordHeader("h1", text("v1")), new RecordHeader("", (byte[]) null)});
        builder.append(1699999999000L, text(""), text(""));
        for (int i = 0; i < 20; i++) builder.append(1700000001000L + i, text("k" + i), text("the same value"));
        ByteBuffer bytes = builder.build().buffer();
        byte[] out = new byte[bytes.remaining()];
        bytes.get(out);
        return out;
    }

    static void print(String name, byte[] bytes) {
        System.out.println("\ninline constexpr std::string_view " + name + " =");
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            line.append(String.format("%02x", bytes[i]));
            if (line.length() == 88 || i + 1 == bytes.length) {
                System.out.println("    \"" + line + (i + 1 == bytes.length ? "\";" : "\""));
                line.setLength(0);
            }
        }
    }

    public static void main(String[] args) {
        System.out.println("// Record batches in hexadecimal, written by kafka-clients 4.3.0 (golden/MakeBatches.java).\n"
            + "// All hold the same 23 records.\n#pragma once\n\n#include <string_view>\n\nnamespace mamba::golden {");
        for (CompressionType type : CompressionType.values()) print(type.name, batch(type, false));
        print("transactional", batch(CompressionType.NONE, true));
        System.out.println("\n}  // namespace mamba::golden");
    }
}
