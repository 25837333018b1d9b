package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/IBM/sarama"
)

// processed is how many records a transaction reads and writes.
const processed = 5

// transact reads, writes and commits as one; does it again and aborts; and is fenced by a second producer.
func transact(brokers []string, topic, groupID string) error {
	first, err := newTransactionalProducer(brokers, topic)
	if err != nil {
		return err
	}
	defer first.Close()
	if err := readAndWrite(brokers, topic, groupID, first); err != nil {
		return err
	}
	if err := writeInTransaction(first, topic, "fenced"); err != nil {
		return err
	}
	second, err := newTransactionalProducer(brokers, topic)
	if err != nil {
		return err
	}
	defer second.Close()
	if err := writeInTransaction(second, topic, "after"); err != nil {
		return err
	}
	if err := second.CommitTxn(); err != nil {
		return err
	}
	err = first.CommitTxn()
	if errors.Is(err, sarama.ErrProducerFenced) || errors.Is(err, sarama.ErrInvalidProducerEpoch) {
		fmt.Println("fenced")
		return nil
	}
	fmt.Println("not fenced:", err)
	return nil
}

func newTransactionalProducer(brokers []string, transactionalID string) (sarama.SyncProducer, error) {
	config := newProducerConfig()
	config.Producer.Transaction.ID = transactionalID
	return sarama.NewSyncProducer(brokers, config)
}

func readAndWrite(brokers []string, topic, groupID string, producer sarama.SyncProducer) error {
	config := newConfig()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	group, err := sarama.NewConsumerGroup(brokers, groupID, config)
	if err != nil {
		return err
	}
	defer group.Close()
	work := &processor{producer: producer, topic: topic, groupID: groupID}
	if err := group.Consume(context.Background(), []string{topic + "-input"}, work); err != nil {
		return err
	}
	return work.failure
}

// processor runs two transactions on what it reads, and ends its session.
type processor struct {
	producer sarama.SyncProducer
	topic    string
	groupID  string
	failure  error
}

func (p *processor) Setup(sarama.ConsumerGroupSession) error {
	return nil
}

func (p *processor) Cleanup(sarama.ConsumerGroupSession) error {
	return nil
}

func (p *processor) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	p.failure = errors.Join(
		p.process(session, claim, "committed", p.producer.CommitTxn),
		p.process(session, claim, "aborted", p.producer.AbortTxn),
	)
	return p.failure
}

func (p *processor) process(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim, word string, end func() error,
) error {
	if err := p.producer.BeginTxn(); err != nil {
		return err
	}
	metadata := sarama.NewConsumerGroupMetadataFromSession(session, p.groupID, nil)
	for range processed {
		message := <-claim.Messages()
		value := sarama.StringEncoder(word + " " + string(message.Value))
		if _, _, err := p.producer.SendMessage(&sarama.ProducerMessage{Topic: p.topic, Value: value}); err != nil {
			return err
		}
		if err := p.producer.AddMessageToTxnWithGroupMetadata(message, metadata, nil); err != nil {
			return err
		}
	}
	return end()
}

// writeInTransaction begins a transaction and writes one record in it.
func writeInTransaction(producer sarama.SyncProducer, topic, value string) error {
	if err := producer.BeginTxn(); err != nil {
		return err
	}
	_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value)})
	return err
}

// committed prints the records of partition 0 that are committed.
func committed(brokers []string, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	config := newConfig()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	consumer, err := sarama.NewConsumer(brokers, config)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	for range count {
		fmt.Println(string((<-partition.Messages()).Value))
	}
	return nil
}
