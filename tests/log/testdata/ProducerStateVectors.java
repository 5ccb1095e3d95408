// Writes the decisions of Apache Kafka's own ProducerStateManager for a seeded script of batches,
// transaction markers and expiries, one line an event, for tests/log/producer_state_test.cpp:
//
//     batch PID EPOCH FIRST_SEQ LAST_SEQ OFFSET TIMESTAMP TRANSACTIONAL -> accept | ERROR
//                                                           | duplicate FIRST_OFFSET LAST_OFFSET
//     end PID EPOCH COORDINATOR_EPOCH COMMIT VERSION OFFSET TIMESTAMP
//                                                           -> none | ERROR | FIRST_OFFSET ABORTED
//     expire NOW -> COUNT                                   producer.id.expiration.ms is 1000
//     undecided -> OFFSET | -1
//     snapshot HEX
//
// Run: java -cp "$(kafka classpath)" ProducerStateVectors.java > producer_state_kafka_4_3.txt
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.*;

public class ProducerStateVectors {
    // What Kafka keeps to its own package.
    static Object field(Object of, String name) throws Exception {
        java.lang.reflect.Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    @SuppressWarnings("unchecked")
    static Optional<BatchMetadata> duplicateOf(ProducerStateEntry entry, RecordBatch batch) {
        try {
            java.lang.reflect.Method find =
                ProducerStateEntry.class.getDeclaredMethod("findDuplicateBatch", RecordBatch.class);
            find.setAccessible(true);
            return (Optional<BatchMetadata>) find.invoke(entry, batch);
        } catch (ReflectiveOperationException e) {
            throw new RuntimeException(e);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(20261125);
        File dir = Files.createTempDirectory("vectors").toFile();
        ProducerStateManager state = new ProducerStateManager(new TopicPartition("t", 0), dir,
            900000, new ProducerStateManagerConfig(1000, false), Time.SYSTEM);
        long offset = 0;
        long now = 5000;
        int[] next = new int[6];
        for (int step = 0; step < 1500; step++) {
            now += random.nextInt(60);
            int choice = random.nextInt(100);
            int pid = random.nextInt(6);
            if (choice < 88) {
                Optional<ProducerStateEntry> last = state.lastEntry(pid);
                int known = last.map(e -> (int) e.producerEpoch()).orElse(0);
                int epoch = Math.max(0, random.nextInt(10) < 8 ? known : known - 1 + random.nextInt(3));
                int count = 1 + random.nextInt(4);
                int first;
                switch (random.nextInt(10)) {
                    case 0: first = 0; break;
                    case 1: first = Math.max(0, next[pid] + random.nextInt(5) - 2); break;
                    case 2: first = Integer.MAX_VALUE - random.nextInt(3); break;
                    default: first = last.isPresent() && last.get().batchMetadata().isEmpty() ? 0 : next[pid];
                }
                if (epoch > known && random.nextInt(4) > 0) first = 0;
                boolean transactional = last.map(e -> e.currentTxnFirstOffset().isPresent()).orElse(false)
                    ? random.nextInt(8) > 0 : random.nextInt(8) == 0;
                boolean repeat = last.isPresent() && last.get().batchMetadata().size() > 0 && random.nextInt(5) == 0;
                if (repeat) {
                    ArrayList<BatchMetadata> kept = new ArrayList<>(last.get().batchMetadata());
                    BatchMetadata chosen = kept.get(random.nextInt(kept.size()));
                    epoch = known;
                    first = chosen.firstSeq();
                    count = (int) field(chosen, "offsetDelta") + 1;
                }
                int lastSeq = DefaultRecordBatch.incrementSequence(first, count - 1);
                String head = "batch " + pid + " " + epoch + " " + first + " " + lastSeq + " "
                    + offset + " " + now + " " + transactional + " -> ";
                SimpleRecord[] records = new SimpleRecord[count];
                for (int i = 0; i < count; i++) records[i] = new SimpleRecord(now, "x".getBytes());
                MemoryRecords memory = MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, offset,
                    Compression.NONE, TimestampType.CREATE_TIME, pid, (short) epoch, first, 0,
                    transactional, records);
                RecordBatch batch = memory.batches().iterator().next();
                Optional<BatchMetadata> duplicate = last.flatMap(e -> duplicateOf(e, batch));
                if (duplicate.isPresent()) {
                    System.out.println(head + "duplicate " + duplicate.get().firstOffset() + " " + field(duplicate.get(), "lastOffset"));
                    continue;
                }
                try {
                    ProducerAppendInfo info = state.prepareUpdate(pid, AppendOrigin.CLIENT);
                    info.append(batch, Optional.empty());
                    state.update(info);
                    state.updateMapEndOffset(offset + count);
                    next[pid] = DefaultRecordBatch.incrementSequence(lastSeq, 1);
                    offset += count;
                    System.out.println(head + "accept");
                } catch (Exception e) {
                    System.out.println(head + Errors.forException(e).name());
                }
            } else if (choice < 95) {
                Optional<ProducerStateEntry> last = state.lastEntry(pid);
                int known = last.map(e -> (int) e.producerEpoch()).orElse(0);
                int epoch = Math.max(0, known - 1 + random.nextInt(3));
                int coordinatorEpoch = random.nextInt(4);
                boolean commit = random.nextBoolean();
                int version = 1 + random.nextInt(2);
                String head = "end " + pid + " " + epoch + " " + coordinatorEpoch + " " + commit + " "
                    + version + " " + offset + " " + now + " -> ";
                try {
                    ProducerAppendInfo info = state.prepareUpdate(pid, AppendOrigin.CLIENT);
                    Optional<CompletedTxn> completed = info.appendEndTxnMarker(
                        new EndTransactionMarker(commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, coordinatorEpoch),
                        (short) epoch, offset, now, (short) version);
                    state.update(info);
                    completed.ifPresent(state::completeTxn);
                    offset++;
                    state.updateMapEndOffset(offset);
                    System.out.println(head + completed.map(c -> c.firstOffset() + " " + c.isAborted()).orElse("none"));
                } catch (Exception e) {
                    System.out.println(head + Errors.forException(e).name());
                }
            } else if (choice < 97) {
                int before = state.producerIdCount();
                state.removeExpiredProducers(now);
                System.out.println("expire " + now + " -> " + (before - state.producerIdCount()));
            } else if (choice < 99) {
                System.out.println("undecided -> " + state.firstUndecidedOffset().orElse(-1));
            } else {
                File file = new File(dir, "x.snapshot");
                TreeMap<Long, ProducerStateEntry> sorted = new TreeMap<>(state.activeProducers());
                ProducerStateManager.writeSnapshot(file, sorted, false);
                System.out.println("snapshot " + HexFormat.of().formatHex(Files.readAllBytes(file.toPath())));
            }
        }
    }
}
