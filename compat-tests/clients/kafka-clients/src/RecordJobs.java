import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Jobs that produce records and read them back without a group. */
final class RecordJobs {
    static void produceCodecs(Job job) throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = job.topic(codec, 3);
            try (KafkaProducer<String, String> producer =
                    job.producer("enable.idempotence", "true",  // else a retry breaks the order
                            "compression.type", codec, "linger.ms", 5)) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    ProducerRecord<String, String> record = new ProducerRecord<>(topic, key(i), value(codec, i));
                    record.headers().add("number", bytes(Integer.toString(i))).add("empty", new byte[0]);
                    sent.add(producer.send(record));
                }
                for (Future<RecordMetadata> one : sent) one.get();
            }
            List<ConsumerRecord<String, String>> records;
            try (KafkaConsumer<String, String> reader = job.reader(topic, 3)) {
                records = Job.read(reader, 500);
            }
            Job.checkEqual(records.size(), 500, "the number of records in " + codec);
            Map<String, Integer> lastOfKey = new HashMap<>();
            for (ConsumerRecord<String, String> record : records) {
                String number = new String(record.headers().lastHeader("number").value(), StandardCharsets.UTF_8);
                int i = Integer.parseInt(number);
                Job.checkEqual(record.key(), key(i), "the key of record " + i);
                Job.checkEqual(record.value(), value(codec, i), "the value of record " + i);
                Job.checkEqual(record.headers().toArray().length, 2, "the number of headers");
                Job.checkEqual(record.headers().lastHeader("empty").value().length, 0, "an empty header's size");
                Integer before = lastOfKey.put(record.key(), i);
                Job.check(before == null || before < i, "records of " + record.key() + " are out of order");
            }
        }
    }

    private static String key(int i) {
        return "key-" + i % 17;
    }

    private static String value(String codec, int i) {
        return "value " + i + " in " + codec;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void seekByTime(Job job) throws Exception {
        String topic = job.topic("times", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        long hour = TimeUnit.HOURS.toMillis(1);
        long first = System.currentTimeMillis() - 20 * hour;
        try (KafkaProducer<String, String> producer = job.producer()) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(topic, 0, first + i * hour, null, "hour " + i)).get();
            }
        }
        try (KafkaConsumer<String, String> reader = job.reader(topic, 1)) {
            OffsetAndTimestamp found = reader.offsetsForTimes(Map.of(partition, first + 9 * hour / 2)).get(partition);
            Job.checkEqual(found.offset(), 5L, "the offset of the time");
            Job.checkEqual(found.timestamp(), first + 5 * hour, "the time found");
            reader.seek(partition, found.offset());
            Job.checkEqual(Job.read(reader, 1).get(0).value(), "hour 5", "the first record");
            Job.check(reader.offsetsForTimes(Map.of(partition, first + 10 * hour)).get(partition) == null,
                    "an offset is found after the last record's time");
        }
    }

    static void largeRecords(Job job) throws Exception {
        String topic = job.topic("large", 1);
        ByteArraySerializer serializer = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                job.settings("acks", "all", "enable.idempotence", "true", "max.request.size", 3_000_000),
                serializer, serializer)) {
            for (int i = 0; i < 20; i++) producer.send(new ProducerRecord<>(topic, randomBytes(i, 1_000_000)));
            producer.flush();
            Job.expectError(RecordTooLargeException.class,
                    producer.send(new ProducerRecord<>(topic, randomBytes(20, 2_000_000))));
        }
        ByteArrayDeserializer deserializer = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                job.settings("auto.offset.reset", "earliest", "enable.auto.commit", "false"),
                deserializer, deserializer)) {
            reader.assign(Job.partitions(topic, 1));
            List<ConsumerRecord<byte[], byte[]>> records = Job.read(reader, 20);
            for (int i = 0; i < 20; i++) {
                Job.check(Arrays.equals(records.get(i).value(), randomBytes(i, 1_000_000)),
                        "the bytes of record " + i + " differ");
            }
            Job.checkEqual(reader.endOffsets(reader.assignment()).values().iterator().next(), 20L, "the end offset");
        }
    }

    /** The same for the same seed. */
    private static byte[] randomBytes(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static void idempotentRestart(Job job) throws Exception {
        String topic = job.topic("numbers", 3);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = job.producer("enable.idempotence", "true")) {
            sendNumbers(producer, topic, sent, 1000);
            sendDuring(Job.startBrokerControl("restart"), producer, topic, sent, 3000);
            sendNumbers(producer, topic, sent, 3000);
            sendDuring(Job.startBrokerControl("kill"), producer, topic, sent, 5000);
            sendNumbers(producer, topic, sent, 5000);
            for (Future<RecordMetadata> one : sent) one.get();
        }
        List<ConsumerRecord<String, String>> records;
        try (KafkaConsumer<String, String> reader = job.reader(topic, 3)) {
            records = Job.read(reader, 5000);
            Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
            Job.checkEqual(ends.values().stream().mapToLong(Long::longValue).sum(), 5000L, "the number of records");
        }
        int[] next = {0, 1, 2};
        for (ConsumerRecord<String, String> record : records) {
            Job.checkEqual(Integer.parseInt(record.value()), next[record.partition()],
                    "the number at " + record.partition() + "/" + record.offset());
            next[record.partition()] += 3;
        }
    }

    /** Sends the numbers up to `end`, each to the partition of its remainder. */
    private static void sendNumbers(KafkaProducer<String, String> producer, String topic,
                                    List<Future<RecordMetadata>> sent, int end) {
        while (sent.size() < end) {
            int number = sent.size();
            sent.add(producer.send(new ProducerRecord<>(topic, number % 3, null, Integer.toString(number))));
        }
    }

    /** Sends numbers one by one, at most up to `end`, while the broker goes down and comes back. */
    private static void sendDuring(Process control, KafkaProducer<String, String> producer, String topic,
                                   List<Future<RecordMetadata>> sent, int end) throws Exception {
        while (!control.waitFor(1, TimeUnit.MILLISECONDS)) {
            if (sent.size() < end) sendNumbers(producer, topic, sent, sent.size() + 1);
        }
        Job.checkEqual(control.exitValue(), 0, "the exit code of BROKER_CONTROL");
    }
}
