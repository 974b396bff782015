/** What readiness depends on: each part says whether it works now. */
export interface HealthCheck {
  readonly name: string;
  /** False or a rejection means down. */
  check(): Promise<boolean> | boolean;
}

export interface Health {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, 'up' | 'down'>>;
}

const LIMIT_MS = 2_000;

/** Asks every part at once; one that does not answer in two seconds is down. */
export async function checkHealth(checks: readonly HealthCheck[]): Promise<Health> {
  const states = await Promise.all(checks.map(async (one) => [one.name, await isUp(one)] as const));
  const parts = Object.fromEntries(states.map(([name, up]) => [name, up ? ('up' as const) : ('down' as const)]));
  return { ready: states.every(([, up]) => up), parts };
}

async function isUp(one: HealthCheck): Promise<boolean> {
  const limit = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => limit.resolve(false), LIMIT_MS);
  try {
    return await Promise.race([one.check(), limit.promise]);
  } catch {
    // Why a part is down is in its own log lines; here only that it is.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
