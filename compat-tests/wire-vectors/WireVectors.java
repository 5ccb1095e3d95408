import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/**
 * Writes what Apache Kafka's own message classes say about the wire, for the tests of protocol/.
 *
 *     WireVectors OUT_DIR NAME...
 *
 * For each message NAME (a file of protocol/schema without its ending) and each of its versions:
 *
 *     OUT_DIR/wire_vectors.bin         messages as Kafka writes them: random bytes of the right
 *                                      shape, read and written again by Kafka's class
 *     OUT_DIR/kafka-4.3-schemas.tsv    the fields in wire order, and the defaults of the class
 *     OUT_DIR/kafka-4.3-apis.tsv       the APIs of the broker's listener and their versions
 *
 * wire_vectors.bin := { name_length u8, name, version i16, size u32, bytes }, integers big-endian.
 * The output depends on nothing but the classes: the seeds are fixed.
 */
public final class WireVectors {
    private static final int RANDOM_VECTORS_PER_VERSION = 6;
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message.",
        "org.apache.kafka.coordinator.group.generated.",
    };

    /** How a message's fields are filled. */
    private enum Fill { SMALLEST, EMPTY, RANDOM, LONG }

    public static void main(String[] arguments) throws Exception {
        Path out = Path.of(arguments[0]);
        ByteArrayOutputStream vectors = new ByteArrayOutputStream();
        try (PrintStream schemas = open(out.resolve("kafka-4.3-schemas.tsv"))) {
            schemas.println("message\tversions\tfields");
            for (int i = 1; i < arguments.length; ++i) {
                writeMessage(arguments[i], new DataOutputStream(vectors), schemas);
            }
        }
        Files.write(out.resolve("wire_vectors.bin"), vectors.toByteArray());
        writeApis(out.resolve("kafka-4.3-apis.tsv"));
    }

    private static PrintStream open(Path path) throws Exception {
        return new PrintStream(Files.newOutputStream(path), false, StandardCharsets.UTF_8);
    }

    private static void writeApis(Path path) throws Exception {
        try (PrintStream out = open(path)) {
            out.println("key\tname\toldest\tlatest\tlatest_stable\tflexible_since");
            for (ApiKeys api : ApiKeys.values()) {
                if (!api.inScope(ApiMessageType.ListenerType.BROKER)) continue;
                int flexible = api.oldestVersion();
                int latest = api.latestVersion(true);
                while (flexible <= latest && api.requestHeaderVersion((short) flexible) < 2) ++flexible;
                out.println(api.id + "\t" + api.name + "\t" + api.oldestVersion() + "\t" + latest
                    + "\t" + api.latestVersion(false) + "\t" + (flexible > latest ? "none" : flexible));
            }
        }
    }

    private static Class<?> classOf(String name) throws ClassNotFoundException {
        for (String prefix : PACKAGES) {
            for (String suffix : new String[] {"Data", ""}) {
                try {
                    return Class.forName(prefix + name + suffix);
                } catch (ClassNotFoundException e) {
                    // the next spelling
                }
            }
        }
        throw new ClassNotFoundException(name);
    }

    private static void writeMessage(String name, DataOutputStream vectors, PrintStream schemas) throws Exception {
        Class<?> type = classOf(name);
        Message message = (Message) type.getConstructor().newInstance();
        Schema[] versions = (Schema[]) type.getField("SCHEMAS").get(null);
        int lowest = message.lowestSupportedVersion();
        int highest = message.highestSupportedVersion();

        String run = null;
        int runStart = lowest;
        for (int version = lowest; version <= highest; ++version) {
            String fields = describe(versions[version]);
            if (run != null && !run.equals(fields)) {
                schemas.println(name + "\t" + runStart + "-" + (version - 1) + "\t" + run);
                runStart = version;
            }
            run = fields;
        }
        schemas.println(name + "\t" + runStart + "-" + highest + "\t" + run);
        schemas.println(name + "\tdefaults\t" + defaults(message));

        for (int version = lowest; version <= highest; ++version) {
            Random random = new Random(name.hashCode() * 1_000L + version);
            Set<ByteBuffer> seen = new HashSet<>();
            for (Fill fill : Fill.values()) {
                int count = fill == Fill.RANDOM ? RANDOM_VECTORS_PER_VERSION : 1;
                for (int i = 0; i < count; ++i) {
                    byte[] bytes = throughKafka(type, versions[version], (short) version, fill, random);
                    if (!seen.add(ByteBuffer.wrap(bytes))) continue;
                    vectors.writeByte(name.length());
                    vectors.writeBytes(name);
                    vectors.writeShort(version);
                    vectors.writeInt(bytes.length);
                    vectors.write(bytes);
                }
            }
        }
    }

    /** Bytes of the right shape, as Kafka's class writes them after reading them. */
    private static byte[] throughKafka(Class<?> type, Schema schema, short version, Fill fill, Random random)
            throws Exception {
        for (;;) {
            try {
                return throughKafkaOnce(type, schema, version, fill, random);
            } catch (RuntimeException e) {
                // An unknown tag was drawn that another version of the message knows: draw again.
                if (!String.valueOf(e.getMessage()).matches("Tag \\d+ is not valid for version \\d+")) throw e;
            }
        }
    }

    private static byte[] throughKafkaOnce(Class<?> type, Schema schema, short version, Fill fill, Random random)
            throws Exception {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        new Generator(new DataOutputStream(raw), fill, random).struct(schema, 0);
        Message message = (Message) type.getConstructor().newInstance();
        ByteBuffer in = ByteBuffer.wrap(raw.toByteArray());
        message.read(new ByteBufferAccessor(in), version);
        if (in.hasRemaining()) throw new IllegalStateException(type + " version " + version + ": bytes left over");
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer written = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(written), cache, version);
        if (written.hasRemaining()) throw new IllegalStateException(type + " version " + version + ": size is wrong");
        return written.array();
    }

    private static final class Generator {
        private static final long[] EDGES = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0x1234_5678_9abc_def0L};

        private final DataOutputStream out;
        private final Fill fill;
        private final Random random;

        Generator(DataOutputStream out, Fill fill, Random random) {
            this.out = out;
            this.fill = fill;
            this.random = random;
        }

        void struct(Schema schema, int depth) throws Exception {
            for (BoundField field : schema.fields()) {
                if (field.def.type instanceof TaggedFields) {
                    tags(((TaggedFields) field.def.type).fields(), depth);
                } else {
                    value(field.def.type, depth);
                }
            }
        }

        void value(Type type, int depth) throws Exception {
            if (type.isArray()) {
                array(type, depth);
                return;
            }
            if (type instanceof Schema) {
                if (type.isNullable()) {
                    boolean present = !pickNull();
                    out.writeByte(present ? 1 : -1);
                    if (!present) return;
                }
                struct((Schema) type, depth);
                return;
            }
            String name = type.toString();
            String plain = name.replace("COMPACT_", "").replace("NULLABLE_", "");
            boolean compact = name.startsWith("COMPACT_");
            switch (plain) {
                case "BOOLEAN": out.writeByte(fill == Fill.SMALLEST ? 0 : random.nextInt(2)); break;
                case "INT8": out.writeByte((int) integer()); break;
                case "INT16": case "UINT16": out.writeShort((int) integer()); break;
                case "INT32": case "UINT32": out.writeInt((int) integer()); break;
                case "INT64": out.writeLong(integer()); break;
                case "FLOAT64": out.writeDouble(fill == Fill.SMALLEST ? 0 : random.nextInt(4000) / 16.0 - 100); break;
                case "UUID": out.writeLong(integer()); out.writeLong(integer()); break;
                case "STRING": case "BYTES": case "RECORDS": {
                    if (type.isNullable() && pickNull()) {
                        writeLength(-1, compact, plain.equals("STRING"));
                        break;
                    }
                    int size = length();
                    writeLength(size, compact, plain.equals("STRING"));
                    for (int i = 0; i < size; ++i) out.writeByte('a' + (size + i) % 26);
                    break;
                }
                default: throw new IllegalStateException("unknown type " + name);
            }
        }

        void array(Type type, int depth) throws Exception {
            boolean compact = type instanceof CompactArrayOf;
            if (type.isNullable() && pickNull()) {
                if (compact) varint(0); else out.writeInt(-1);
                return;
            }
            Type element = type.arrayElementType().get();
            int size = elements(element, depth);
            if (compact) varint(size + 1); else out.writeInt(size);
            for (int i = 0; i < size; ++i) value(element, depth + 1);
        }

        /** Known tags and unknown ones, in rising order. */
        void tags(Map<Integer, Field> known, int depth) throws Exception {
            TreeMap<Integer, byte[]> fields = new TreeMap<>();
            for (Map.Entry<Integer, Field> field : known.entrySet()) {
                if (fill == Fill.SMALLEST || fill == Fill.EMPTY || random.nextInt(3) == 0) continue;
                ByteArrayOutputStream raw = new ByteArrayOutputStream();
                new Generator(new DataOutputStream(raw), fill, random).value(field.getValue().type, depth);
                fields.put(field.getKey(), raw.toByteArray());
            }
            if (fill == Fill.RANDOM && random.nextInt(3) == 0) {
                int tag = random.nextBoolean() ? 9 + random.nextInt(100) : 100 + random.nextInt(1_000_000_000);
                if (!known.containsKey(tag)) fields.put(tag, new byte[random.nextInt(4)]);
                tag = random.nextInt(10);
                if (!known.containsKey(tag)) fields.put(tag, new byte[] {1, 2});
            }
            varint(fields.size());
            for (Map.Entry<Integer, byte[]> field : fields.entrySet()) {
                varint(field.getKey());
                varint(field.getValue().length);
                out.write(field.getValue());
            }
        }

        boolean pickNull() {
            return fill == Fill.SMALLEST || (fill == Fill.RANDOM && random.nextInt(3) == 0);
        }

        long integer() {
            if (fill == Fill.SMALLEST) return 0;
            return random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : random.nextInt(1000);
        }

        int length() {
            switch (fill) {
                case RANDOM: return random.nextInt(4) == 0 ? 0 : random.nextInt(12);
                case LONG: return random.nextInt(3) == 0 ? 126 + random.nextInt(3) : random.nextInt(30);
                default: return 0;
            }
        }

        int elements(Type element, int depth) {
            switch (fill) {
                case RANDOM: return depth > 1 ? random.nextInt(2) : random.nextInt(3);
                case LONG: return element instanceof Schema ? 1 : 126 + random.nextInt(3);
                default: return 0;
            }
        }

        /** -1: null. */
        void writeLength(int length, boolean compact, boolean isShort) throws Exception {
            if (compact) varint(length + 1);
            else if (isShort) out.writeShort(length);
            else out.writeInt(length);
        }

        void varint(int value) throws Exception {
            while ((value & ~0x7f) != 0) {
                out.writeByte(value & 0x7f | 0x80);
                value >>>= 7;
            }
            out.writeByte(value);
        }
    }

    /** name:type, space between fields; "?" may be null, "~" compact, "#n" a tagged field, "~#" a place for tags. */
    private static String describe(Schema schema) {
        List<String> fields = new ArrayList<>();
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields) {
                fields.add("~#");
                new TreeMap<>(((TaggedFields) field.def.type).fields()).forEach((tag, tagged) ->
                    fields.add("#" + tag + ":" + tagged.name + ":" + describe(tagged.type)));
            } else {
                fields.add(field.def.name + ":" + describe(field.def.type));
            }
        }
        return String.join(" ", fields);
    }

    private static String describe(Type type) {
        String mayBeNull = type.isNullable() ? "?" : "";
        if (type.isArray()) {
            String compact = type instanceof CompactArrayOf ? "~" : "";
            return compact + "[]" + mayBeNull + describe(type.arrayElementType().get());
        }
        if (type instanceof Schema) return "{" + mayBeNull + " " + describe((Schema) type) + " }";
        String name = type.toString();
        String plain = name.replace("COMPACT_", "").replace("NULLABLE_", "").toLowerCase().replace("boolean", "bool");
        return (name.startsWith("COMPACT_") ? "~" : "") + plain + mayBeNull;
    }

    /** The defaults of a class and of those inside it: Class.field=value. */
    private static String defaults(Message message) throws Exception {
        List<String> found = new ArrayList<>();
        collectDefaults(message, "", found);
        for (Class<?> inner : message.getClass().getDeclaredClasses()) {
            if (Message.class.isAssignableFrom(inner)) {
                collectDefaults((Message) inner.getConstructor().newInstance(), inner.getSimpleName() + ".", found);
            }
        }
        return found.stream().sorted().collect(Collectors.joining(" "));
    }

    private static void collectDefaults(Message message, String prefix, List<String> found) throws Exception {
        for (java.lang.reflect.Field field : message.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_")) continue;
            if (field.getName().equals("next") || field.getName().equals("prev")) continue;  // links of a set
            field.setAccessible(true);
            Object value = field.get(message);
            String text;
            if (value == null) {
                text = "null";
            } else if (value instanceof Number || value instanceof Boolean) {
                text = value.toString();
            } else if (value instanceof String) {
                text = "'" + value + "'";
            } else {
                text = "empty";
            }
            found.add(prefix + field.getName() + "=" + text);
        }
    }
}
