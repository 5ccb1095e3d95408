package main

import (
	"bytes"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"mambamq/jobs"
)

func produceCodecs(j *jobs.Job) {
	codecs := []struct {
		name  string
		codec kgo.CompressionCodec
		code  uint8
	}{
		{"none", kgo.NoCompression(), 0},
		{"gzip", kgo.GzipCompression(), 1},
		{"snappy", kgo.SnappyCompression(), 2},
		{"lz4", kgo.Lz4Compression(), 3},
		{"zstd", kgo.ZstdCompression(), 4},
	}
	for _, codec := range codecs {
		topic := newTopic(j, codec.name, 3)
		producer := newClient(j, kgo.DefaultProduceTopic(topic),
			kgo.ProducerBatchCompression(codec.codec), kgo.RequiredAcks(kgo.AllISRAcks()))
		sent := jobs.Samples(500)
		var records []*kgo.Record
		for _, record := range sent {
			records = append(records, toClient(record))
		}
		produce(j, producer, records...)

		var got []jobs.Record
		for _, record := range readFromStart(j, topic, len(sent)) {
			jobs.Equal("codec of the batch", record.Attrs.CompressionType(), codec.code)
			got = append(got, fromClient(record))
		}
		jobs.SameByKey(codec.name, got, sent)
	}
}

func toClient(record jobs.Record) *kgo.Record {
	result := kgo.KeyStringRecord(record.Key, record.Value)
	for _, header := range record.Headers {
		result.Headers = append(result.Headers, kgo.RecordHeader{Key: header.Key, Value: []byte(header.Value)})
	}
	return result
}

func fromClient(record *kgo.Record) jobs.Record {
	result := jobs.Record{Key: string(record.Key), Value: string(record.Value)}
	for _, header := range record.Headers {
		result.Headers = append(result.Headers, jobs.Header{Key: header.Key, Value: string(header.Value)})
	}
	return result
}

func idempotentRestart(j *jobs.Job) {
	topic := newTopic(j, "idempotent", 3)
	producer := newClient(j, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	send := func(partition int32, number int, done func(error)) {
		record := kgo.StringRecord(strconv.Itoa(number))
		record.Partition = partition
		producer.Produce(j, record, func(_ *kgo.Record, err error) { done(err) })
	}
	jobs.IdempotentRestart(j, send, func() map[int32][]int {
		end := 0
		for _, offset := range endOffsets(j, topic) {
			end += int(offset)
		}
		stored := make(map[int32][]int)
		for _, record := range readFromStart(j, topic, end) {
			number := jobs.Must(strconv.Atoi(string(record.Value)))
			stored[record.Partition] = append(stored[record.Partition], number)
		}
		return stored
	})
}

func largeRecords(j *jobs.Job) {
	topic := newTopic(j, "large", 1)
	producer := newClient(j, kgo.DefaultProduceTopic(topic), kgo.ProducerBatchMaxBytes(1_048_588))
	for seed := range byte(20) {
		produce(j, producer, kgo.SliceRecord(jobs.Blob(1_000_000, seed)))
	}
	for seed, record := range readFromStart(j, topic, 20) {
		if !bytes.Equal(record.Value, jobs.Blob(1_000_000, byte(seed))) {
			jobs.Fail("the record at offset %d is not what was produced", record.Offset)
		}
	}
	raised := newClient(j, kgo.DefaultProduceTopic(topic), kgo.ProducerBatchMaxBytes(3_000_000),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	err := raised.ProduceSync(j, kgo.SliceRecord(jobs.Blob(2_000_000, 0))).FirstErr()
	jobs.Refused("a record of 2,000,000 bytes", err, kerr.MessageTooLarge)
}
