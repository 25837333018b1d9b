package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// The version of Produce for the raw requests: the last that names topics.
const produceVersion = 12

// Sends the same request again and again over each connection, the next one when the one before it is answered.
func requests(bootstrap string, o options) error {
	frame := produceFrame(o["topic"])
	count, width := o.number("requests"), o.number("connections")
	conns := make([]net.Conn, width)
	for i := range conns {
		conn, err := net.Dial("tcp", bootstrap)
		if err != nil {
			return err
		}
		defer conn.Close()
		conns[i] = conn
		if err := exchange(conn, bufio.NewReader(conn), frame, 10); err != nil {
			return err
		}
	}
	failures := make([]error, width)
	var done sync.WaitGroup
	start := time.Now()
	for i, conn := range conns {
		done.Add(1)
		go func() {
			defer done.Done()
			failures[i] = exchange(conn, bufio.NewReader(conn), frame, count/width)
		}()
	}
	done.Wait()
	fmt.Println(time.Since(start).Milliseconds())
	return errors.Join(failures...)
}

func exchange(conn net.Conn, reader *bufio.Reader, frame []byte, times int) error {
	for range times {
		if _, err := conn.Write(frame); err != nil {
			return err
		}
		var size [4]byte
		if _, err := io.ReadFull(reader, size[:]); err != nil {
			return err
		}
		answer := make([]byte, binary.BigEndian.Uint32(size[:]))
		if _, err := io.ReadFull(reader, answer); err != nil {
			return err
		}
		response := kmsg.NewPtrProduceResponse()
		response.Version = produceVersion
		// Behind the correlation id and the tags of the header.
		if err := response.ReadFrom(answer[5:]); err != nil {
			return err
		}
		if code := response.Topics[0].Partitions[0].ErrorCode; code != 0 {
			return fmt.Errorf("a record was refused: error code %d", code)
		}
	}
	return nil
}

// A request that produces one record of 100 bytes, acknowledged by all.
func produceFrame(topic string) []byte {
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = recordBatch(payload(100, "none"))
	ofTopic := kmsg.NewProduceRequestTopic()
	ofTopic.Topic = topic
	ofTopic.Partitions = append(ofTopic.Partitions, partition)
	request := kmsg.NewPtrProduceRequest()
	request.Version = produceVersion
	request.Acks = -1
	request.TimeoutMillis = 60_000
	request.Topics = append(request.Topics, ofTopic)
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("load")).AppendRequest(nil, request, 1)
}

func recordBatch(value []byte) []byte {
	record := kmsg.Record{Key: nil, Value: value}
	// The record's length is a varint of what follows it.
	record.Length = int32(len(record.AppendTo(nil)) - 1)
	now := time.Now().UnixMilli()
	batch := kmsg.RecordBatch{
		Magic: 2, PartitionLeaderEpoch: -1, FirstTimestamp: now, MaxTimestamp: now,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: 1, Records: record.AppendTo(nil),
	}
	batch.Length = int32(len(batch.AppendTo(nil)) - 12)
	bytes := batch.AppendTo(nil)
	const crcAt, coveredFrom = 17, 21
	binary.BigEndian.PutUint32(bytes[crcAt:], crc32.Checksum(bytes[coveredFrom:], crc32.MakeTable(crc32.Castagnoli)))
	return bytes
}

// Connections that have asked once, and then are silent.
func connections(bootstrap string, o options) error {
	frame := kmsg.NewRequestFormatter(kmsg.FormatterClientID("load")).AppendRequest(nil, kmsg.NewPtrApiVersionsRequest(), 1)
	for range o.number("count") {
		conn, err := net.Dial("tcp", bootstrap)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Write(frame); err != nil {
			return err
		}
		var size [4]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(size[:]))); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
