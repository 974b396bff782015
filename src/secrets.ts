/** The settings that are secrets or hold one. */
export interface SecretSettings {
  readonly JWT_ACCESS_TOKEN_SECRET?: string | undefined;
  readonly ROUTER_SECRET?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
  readonly DATABASE_URL?: string | undefined;
  readonly REDIS_URL?: string | undefined;
}

/** Secrets that anybody can read in this repository: a service that others can reach must not use them. */
export const PRINTED_SECRETS: ReadonlySet<string> = new Set([
  'laptop-only-secret-do-not-use-anywhere-else',
  'compose-development-token-secret',
  'compose-development-router-secret',
  'compose-development-password',
  'razorpay-stand-in-secret',
  'the-secret-of-the-router-under-test',
]);

/** Below this number of characters a secret can be guessed by whoever has something signed with it. */
const SHORT_SECRET = 32;

/** Why a secret protects nothing, whatever its length; undefined for one that may do. */
function weaknessOf(secret: string): string | undefined {
  if (PRINTED_SECRETS.has(secret.trim())) return 'is printed in the repository of this service';
  if (/^(.)\1*$/su.test(secret)) return 'is one repeated character';
  return undefined;
}

/** The password in a URL, as its user info or as a parameter; undefined where it has none, or is no URL. */
function passwordIn(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { password, searchParams } = new URL(url);
  return decoded(password) || searchParams.get('password') || undefined;
}

/** What is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is wrong with the secrets of a service that others can reach, one line each. */
export function weakSecrets(config: SecretSettings): string[] {
  const given = {
    JWT_ACCESS_TOKEN_SECRET: config.JWT_ACCESS_TOKEN_SECRET,
    ROUTER_SECRET: config.ROUTER_SECRET,
    KAFKA_SASL_PASSWORD: config.KAFKA_SASL_PASSWORD,
    'the password in DATABASE_URL': passwordIn(config.DATABASE_URL),
    'the password in REDIS_URL': passwordIn(config.REDIS_URL),
  };
  const weak = Object.entries(given).flatMap(([name, secret]) => {
    const weakness = secret === undefined ? undefined : weaknessOf(secret);
    return weakness ? [`${name}: ${weakness}`] : [];
  });
  const isShort = config.ROUTER_SECRET !== undefined && config.ROUTER_SECRET.length < SHORT_SECRET;
  return isShort ? [...weak, `ROUTER_SECRET: has fewer than ${SHORT_SECRET} characters`] : weak;
}

/** What should be better about the settings of what ships although it starts with them, one sentence each. */
export function settingsWarnings({ JWT_ACCESS_TOKEN_SECRET: secret }: SecretSettings): string[] {
  if (secret === undefined || secret.length >= SHORT_SECRET) return [];
  return [`JWT_ACCESS_TOKEN_SECRET has fewer than ${SHORT_SECRET} characters: whoever has a token may guess it`];
}
