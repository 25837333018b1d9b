package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// copied is how many records a transaction of copyRecords copies at most.
const copied = 20

// copyRecords copies records from TOPIC-input to TOPIC, each batch of them as a transaction with the offsets that were
// read, for ever. Where a transaction fails, it begins anew.
func copyRecords(bootstrap, topic, group string) error {
	for {
		if err := copyUntilFailure(bootstrap, topic, group); err != nil {
			fmt.Fprintln(os.Stderr, "begins anew:", err)
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func copyUntilFailure(bootstrap, topic, group string) error {
	ctx := context.Background()
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap),
		kgo.TransactionalID(topic),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic+"-input"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.SessionTimeout(6*time.Second),
		kgo.HeartbeatInterval(heartbeatInterval),
		kgo.RequireStableFetchOffsets(),
	)
	if err != nil {
		return err
	}
	defer session.Close()
	for {
		fetches := session.PollRecords(ctx, copied)
		if err := session.Begin(); err != nil {
			return err
		}
		failed := kgo.AbortingFirstErrPromise(session.Client())
		fetches.EachRecord(func(record *kgo.Record) {
			session.Produce(ctx, &kgo.Record{Topic: topic, Value: record.Value}, failed.Promise())
		})
		if _, err := session.End(ctx, failed.Err() == nil); err != nil {
			return err
		}
	}
}
