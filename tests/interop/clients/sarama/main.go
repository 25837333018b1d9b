// The commands of tests/interop/support/clients.ts, on sarama.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/IBM/sarama"
)

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

func main() {
	time.AfterFunc(2*time.Minute, func() { log.Fatal("it took longer than two minutes") })
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: produce|consume|admin|offsets|member|transact|committed|secure BOOTSTRAP TOPIC …")
	}
	verb, brokers, topic, rest := args[0], []string{args[1]}, args[2], args[3:]
	switch {
	case verb == "produce" && len(rest) == 2:
		return produce(brokers, topic, rest[0], rest[1])
	case verb == "consume" && len(rest) == 1:
		return consume(brokers, topic, rest[0])
	case verb == "admin" && len(rest) == 0:
		return admin(brokers, topic)
	case verb == "offsets" && len(rest) == 0:
		return offsets(brokers, topic)
	case verb == "member" && len(rest) == 2:
		return member(brokers, topic, rest[0], rest[1])
	case verb == "transact" && len(rest) == 1:
		return transact(brokers, topic, rest[0])
	case verb == "secure" && len(rest) == 1:
		return secure(brokers, topic, rest[0])
	case verb == "committed" && len(rest) == 1:
		return committed(brokers, topic, rest[0])
	}
	return fmt.Errorf("unknown command: %v", args)
}

// Speaks the newest protocol that sarama knows.
func newConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	return config
}

func newProducerConfig() *sarama.Config {
	config := newConfig()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = sarama.NewManualPartitioner
	// The idempotent producer wants one request under way.
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	return config
}

func produce(brokers []string, topic, compression, file string) error {
	codec, ok := codecs[compression]
	if !ok {
		return fmt.Errorf("unknown compression type %s", compression)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config := newProducerConfig()
	config.Producer.Compression = codec
	producer, err := sarama.NewAsyncProducer(brokers, config)
	if err != nil {
		return err
	}
	go func() {
		for line := range bytes.Lines(content) {
			value := sarama.ByteEncoder(bytes.TrimSuffix(line, []byte{'\n'}))
			producer.Input() <- &sarama.ProducerMessage{Topic: topic, Value: value}
		}
		producer.AsyncClose()
	}()
	acknowledged := make(chan struct{})
	go func() {
		for range producer.Successes() {
		}
		close(acknowledged)
	}()
	var failures []error
	for failure := range producer.Errors() {
		failures = append(failures, failure)
	}
	<-acknowledged
	if len(failures) > 0 {
		return fmt.Errorf("%d records failed: %w", len(failures), failures[0])
	}
	return nil
}

func consume(brokers []string, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	consumer, err := sarama.NewConsumer(brokers, newConfig())
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for range count {
		message := <-partition.Messages()
		out.Write(message.Value)
		out.WriteByte('\n')
	}
	return out.Flush()
}

func admin(brokers []string, topic string) error {
	kafka, err := sarama.NewClusterAdmin(brokers, newConfig())
	if err != nil {
		return err
	}
	defer kafka.Close()
	retention := "3600000"
	wanted := &sarama.TopicDetail{
		NumPartitions:     3,
		ReplicationFactor: 1,
		ConfigEntries:     map[string]*string{"retention.ms": &retention},
	}
	if err := kafka.CreateTopic(topic, wanted, false); err != nil {
		return err
	}
	fmt.Println("created")
	if err := describe(kafka, topic); err != nil {
		return err
	}
	if err := kafka.CreatePartitions(topic, 5, nil, false); err != nil {
		return err
	}
	fmt.Println("grown")
	if err := describe(kafka, topic); err != nil {
		return err
	}
	if err := kafka.DeleteTopic(topic); err != nil {
		return err
	}
	fmt.Println("deleted")
	topics, err := kafka.ListTopics()
	if err != nil {
		return err
	}
	_, isListed := topics[topic]
	fmt.Println("listed:", isListed)
	return nil
}

func describe(kafka sarama.ClusterAdmin, topic string) error {
	topics, err := kafka.ListTopics()
	if err != nil {
		return err
	}
	_, isListed := topics[topic]
	fmt.Println("listed:", isListed)
	described, err := kafka.DescribeTopics([]string{topic})
	if err != nil {
		return err
	}
	ids := make([]int32, 0, len(described[0].Partitions))
	for _, partition := range described[0].Partitions {
		ids = append(ids, partition.ID)
	}
	fmt.Println(line("partitions:", ids))
	resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}}
	entries, err := kafka.DescribeConfig(resource)
	if err != nil {
		return err
	}
	fmt.Println("retention.ms:", entries[0].Value)
	return nil
}

func offsets(brokers []string, topic string) error {
	hourAgo := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	producer, err := sarama.NewSyncProducer(brokers, newProducerConfig())
	if err != nil {
		return err
	}
	defer producer.Close()
	for i := range 3 {
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{
			Topic:     topic,
			Value:     sarama.StringEncoder("x"),
			Timestamp: hourAgo.Add(time.Duration(i) * time.Second),
		})
		if err != nil {
			return err
		}
	}
	client, err := sarama.NewClient(brokers, newConfig())
	if err != nil {
		return err
	}
	defer client.Close()
	for _, asked := range []struct {
		name string
		time int64
	}{
		{"earliest", sarama.OffsetOldest},
		{"latest", sarama.OffsetNewest},
		{"after 500 ms", hourAgo.UnixMilli() + 500},
		{"after 3000 ms", hourAgo.UnixMilli() + 3000},
	} {
		offset, err := client.GetOffset(topic, 0, asked.time)
		if err != nil {
			return err
		}
		if offset < 0 {
			fmt.Printf("%s: none\n", asked.name)
		} else {
			fmt.Printf("%s: %d\n", asked.name, offset)
		}
	}
	return nil
}

// A word and numbers behind it, the smallest first.
func line(word string, numbers []int32) string {
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	for _, number := range numbers {
		word += fmt.Sprintf(" %d", number)
	}
	return word
}
