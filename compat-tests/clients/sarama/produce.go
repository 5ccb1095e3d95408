package main

import (
	"bytes"
	"strconv"

	"github.com/IBM/sarama"

	"mambamq/jobs"
)

func produceCodecs(j *jobs.Job) {
	codecs := []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP,
		sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD}
	for _, codec := range codecs {
		topic := newTopic(j, codec.String(), 3)
		config := newConfig()
		config.Producer.Compression = codec
		config.Producer.Partitioner = sarama.NewHashPartitioner
		sent := jobs.Samples(500)
		var messages []*sarama.ProducerMessage
		for _, record := range sent {
			messages = append(messages, toClient(topic, record))
		}
		jobs.Check(newProducer(j, config).SendMessages(messages))

		var got []jobs.Record
		for _, message := range readAll(j, topic) {
			got = append(got, fromClient(message))
		}
		jobs.SameByKey(codec.String(), got, sent)
	}
}

func toClient(topic string, record jobs.Record) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{Topic: topic,
		Key: sarama.StringEncoder(record.Key), Value: sarama.StringEncoder(record.Value)}
	for _, header := range record.Headers {
		message.Headers = append(message.Headers,
			sarama.RecordHeader{Key: []byte(header.Key), Value: []byte(header.Value)})
	}
	return message
}

func fromClient(message *sarama.ConsumerMessage) jobs.Record {
	record := jobs.Record{Key: string(message.Key), Value: string(message.Value)}
	for _, header := range message.Headers {
		record.Headers = append(record.Headers,
			jobs.Header{Key: string(header.Key), Value: string(header.Value)})
	}
	return record
}

func idempotentRestart(j *jobs.Job) {
	topic := newTopic(j, "idempotent", 3)
	config := newConfig()
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1 // sarama asks for it
	producer := jobs.Must(sarama.NewAsyncProducer([]string{j.Bootstrap}, config))
	j.Cleanup(producer.AsyncClose)
	go func() {
		for message := range producer.Successes() {
			message.Metadata.(func(error))(nil)
		}
	}()
	go func() {
		for failed := range producer.Errors() {
			failed.Msg.Metadata.(func(error))(failed.Err)
		}
	}()
	send := func(partition int32, number int, done func(error)) {
		producer.Input() <- &sarama.ProducerMessage{Topic: topic, Partition: partition,
			Value: sarama.StringEncoder(strconv.Itoa(number)), Metadata: done}
	}
	jobs.IdempotentRestart(j, send, func() map[int32][]int {
		stored := make(map[int32][]int)
		for _, message := range readAll(j, topic) {
			number := jobs.Must(strconv.Atoi(string(message.Value)))
			stored[message.Partition] = append(stored[message.Partition], number)
		}
		return stored
	})
}

func largeRecords(j *jobs.Job) {
	topic := newTopic(j, "large", 1)
	producer := newProducer(j, newConfig())
	for seed := range byte(20) {
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic,
			Value: sarama.ByteEncoder(jobs.Blob(1_000_000, seed))})
		jobs.Check(err)
	}
	for seed, message := range readAll(j, topic) {
		if !bytes.Equal(message.Value, jobs.Blob(1_000_000, byte(seed))) {
			jobs.Fail("the record at offset %d is not what was produced", message.Offset)
		}
	}
	config := newConfig()
	config.Producer.MaxMessageBytes = 3_000_000
	_, _, err := newProducer(j, config).SendMessage(&sarama.ProducerMessage{Topic: topic,
		Value: sarama.ByteEncoder(jobs.Blob(2_000_000, 0))})
	jobs.Refused("a record of 2,000,000 bytes", err, sarama.ErrMessageSizeTooLarge)
}
