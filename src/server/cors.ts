import type { Config } from '../config.js';

/** Where the laptop's web pages come from. */
const LAPTOP_ORIGINS = [3000, 4000, 4001].flatMap((port) => [`http://127.0.0.1:${port}`, `http://localhost:${port}`]);

/** The origins of web pages that may call. */
export function corsOrigins({ NODE_ENV, CORS_ORIGINS }: Config): readonly string[] {
  return CORS_ORIGINS ?? (NODE_ENV === 'production' ? [] : LAPTOP_ORIGINS);
}
