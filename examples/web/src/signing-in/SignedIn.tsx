import { useEffect, useState, type ReactNode } from 'react';
import { ApolloProvider } from '@apollo/client/react';
import { Center, Loader, Stack, Text } from '@mantine/core';
import { connectGraph, type GraphConnection } from '../graph/client';
import { IsLiveContext } from '../graph/is-live';
import { fetchSettings, type Settings } from '../settings';
import { SettingsContext } from '../settings-context';
import { accessTokenOf, fetchPeople, type Person } from './auth-service';
import { ViewerContext } from './viewer';

const REMEMBERED = 'signed-in as';
const RETRY_MS = 2_000;

/** Somebody at the page, with what it talks to as them. */
interface Visit {
  readonly settings: Settings;
  readonly people: readonly Person[];
  readonly person: Person;
  readonly connection: GraphConnection;
}

/** @param personId who was here last; the first of the people where that is nobody */
function visitAs(personId: string | null, settings: Settings, people: readonly Person[]): Visit | undefined {
  const person = people.find(({ id }) => id === personId) ?? people[0];
  return person && { settings, people, person, connection: connectGraph(settings, accessTokenOf(person.id)) };
}

/** What the page needs before it can show anything is asked for until it is there. */
function useVisit(): [Visit | undefined, (personId: string) => void] {
  const [visit, setVisit] = useState<Visit>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isGone = false;
    const open = () =>
      void Promise.all([fetchSettings(), fetchPeople()]).then(
        ([settings, people]) => isGone || setVisit(visitAs(localStorage.getItem(REMEMBERED), settings, people)),
        () => (timer = setTimeout(open, RETRY_MS)),
      );
    open();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  const switchTo = (personId: string) => {
    if (!visit) return;
    localStorage.setItem(REMEMBERED, personId);
    visit.connection.close();
    setVisit(visitAs(personId, visit.settings, visit.people));
  };
  return [visit, switchTo];
}

/** Signs one of the sample people in and shows the page as theirs. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const [visit, switchTo] = useVisit();
  if (!visit) return <Opening />;
  const { settings, people, person, connection } = visit;
  return (
    <ViewerContext value={{ person, people, switchTo }}>
      <SettingsContext value={settings}>
        <IsLiveContext value={connection.isLive}>
          <ApolloProvider client={connection.client} key={person.id}>
            {children}
          </ApolloProvider>
        </IsLiveContext>
      </SettingsContext>
    </ViewerContext>
  );
}

function Opening() {
  return (
    <Center component="main" h="100vh">
      <Stack align="center">
        <Loader />
        <Text role="status">Opening the shop …</Text>
      </Stack>
    </Center>
  );
}
