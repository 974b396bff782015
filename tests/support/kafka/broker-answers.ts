import { connect } from 'node:net';

/**
 * Whether a Kafka broker on a port of 127.0.0.1 answers and counts itself among the living: one Metadata request
 * (version 1, no topics) by hand, because a client library would retry and warn on its own.
 */
export function brokerAnswers(port: number): Promise<boolean> {
  const request = Buffer.alloc(18);
  request.writeInt32BE(14, 0); // bytes that follow
  request.writeInt16BE(3, 4); // Metadata
  request.writeInt16BE(1, 6); // version
  request.writeInt32BE(1, 8); // correlation id
  request.writeInt16BE(-1, 12); // no client id
  request.writeInt32BE(0, 14); // topics
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    let answer = Buffer.alloc(0);
    socket.setTimeout(1000, () => end(false));
    socket.once('error', () => end(false)).once('close', () => end(false));
    socket.on('data', (part) => {
      answer = Buffer.concat([answer, part]);
      // After size and correlation id: the number of living brokers.
      if (answer.length >= 12) end(answer.readInt32BE(8) > 0);
    });
  });
}
