import WebSocket from 'ws';

interface Answer {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: number } };
}

/** Looks into a process that was started with `--inspect=127.0.0.1:<port>`. @returns its used heap after a collection, bytes */
export async function heapAfterCollection(port: number): Promise<number> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  const send = (id: number, method: string, params: object = {}) =>
    new Promise<Answer>((resolve) => {
      const onMessage = (data: WebSocket.RawData) => {
        const answer = JSON.parse(String(data)) as Answer;
        if (answer.id !== id) return;
        socket.off('message', onMessage);
        resolve(answer);
      };
      socket.on('message', onMessage).send(JSON.stringify({ id, method, params }));
    });
  try {
    // What the first collection makes unreachable is freed by the second.
    await send(1, 'HeapProfiler.collectGarbage');
    await send(2, 'HeapProfiler.collectGarbage');
    const { result } = await send(3, 'Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
    return result?.result?.value ?? Number.NaN;
  } finally {
    socket.close();
  }
}
