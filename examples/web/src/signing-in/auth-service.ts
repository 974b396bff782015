/** Somebody who can sign in, as the platform's auth service knows them. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly status: string;
}

interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/** Renewed before its end, so that no request starts with one that ends on its way. */
const RENEW_BEFORE_MS = 60_000;

async function call<T>(path: string, method = 'GET'): Promise<T> {
  const answer = await fetch(path, { method });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}`);
  return (await answer.json()) as T;
}

export const fetchPeople = (): Promise<Person[]> => call('/auth/people');

/** A person's access token, asked for when it is first needed and renewed before it ends. */
export function accessTokenOf(personId: string): () => Promise<string> {
  let issued: Promise<IssuedToken> | undefined;
  let renewAt = 0;
  return async () => {
    if (!issued || Date.now() >= renewAt) {
      renewAt = Infinity;
      issued = call<IssuedToken>(`/auth/people/${personId}/token`, 'POST');
      issued.then(
        ({ expiresInSeconds }) => (renewAt = Date.now() + expiresInSeconds * 1_000 - RENEW_BEFORE_MS),
        () => (renewAt = 0),
      );
    }
    return (await issued).token;
  };
}
