import { Agent, request } from 'node:http';

/** Posts a JSON body to one URL over connections that stay open. @throws Error for every status but 200 */
export type Post = (body: string, headers: Readonly<Record<string, string>>) => Promise<string>;

/** The lean client of Node itself: what it costs is not to be mistaken for the server's cost. */
export function createPost(url: string, connections: number): { readonly post: Post; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const post: Post = (body, headers) =>
    new Promise((resolve, reject) => {
      const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
      const sent = request(url, { method: 'POST', agent, headers: all }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('error', reject).once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`answered ${response.statusCode}: ${text}`));
        });
      });
      sent.once('error', reject).end(body);
    });
  return { post, close: () => agent.destroy() };
}
