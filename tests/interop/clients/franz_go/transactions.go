package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// processed is how many records a transaction reads and writes.
const processed = 5

// transact reads, writes and commits as one; does it again and aborts; and is fenced by a second producer.
func transact(ctx context.Context, bootstrap, topic, group string) error {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap),
		kgo.TransactionalID(topic),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic+"-input"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := process(ctx, session, topic, "committed", kgo.TryCommit); err != nil {
		return err
	}
	if err := process(ctx, session, topic, "aborted", kgo.TryAbort); err != nil {
		return err
	}
	return fence(ctx, bootstrap, topic)
}

func process(
	ctx context.Context, session *kgo.GroupTransactSession, topic, word string, end kgo.TransactionEndTry,
) error {
	if err := session.Begin(); err != nil {
		return err
	}
	for seen := 0; seen < processed; {
		fetches := session.PollRecords(ctx, processed-seen)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			seen++
			value := []byte(word + " " + string(record.Value))
			session.Produce(ctx, &kgo.Record{Topic: topic, Value: value}, nil)
		})
	}
	committed, err := session.End(ctx, end)
	if err == nil && committed != bool(end) {
		err = errors.New("the transaction ended otherwise than it should")
	}
	return err
}

func fence(ctx context.Context, bootstrap, topic string) error {
	first, err := beginWith(ctx, bootstrap, topic, "fenced")
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := beginWith(ctx, bootstrap, topic, "after")
	if err != nil {
		return err
	}
	defer second.Close()
	if err := second.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	err = first.EndTransaction(ctx, kgo.TryCommit)
	if errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) {
		fmt.Println("fenced")
		return nil
	}
	fmt.Println("not fenced:", err)
	return nil
}

// beginWith begins a transaction and writes one record in it.
func beginWith(ctx context.Context, bootstrap, topic, value string) (*kgo.Client, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.TransactionalID(topic))
	if err != nil {
		return nil, err
	}
	if err := client.BeginTransaction(); err != nil {
		return nil, err
	}
	return client, client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr()
}

// committed prints the records of partition 0 that are committed.
func committed(ctx context.Context, bootstrap, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for seen := 0; seen < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			seen++
			fmt.Println(string(record.Value))
		})
	}
	return nil
}
