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

interface Opening {
  readonly settings: Settings;
  readonly people: readonly Person[];
}

/** What the page needs before it can show anything, asked for until it is there. */
function useOpening(): Opening | undefined {
  const [opening, setOpening] = useState<Opening>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const open = () =>
      void Promise.all([fetchSettings(), fetchPeople()]).then(
        ([settings, people]) => setOpening({ settings, people }),
        () => (timer = setTimeout(open, RETRY_MS)),
      );
    open();
    return () => clearTimeout(timer);
  }, []);
  return opening;
}

/** A connection to the graph for one person, closed when somebody else is there. */
function useConnection(settings: Settings | undefined, personId: string | undefined): GraphConnection | undefined {
  const [connection, setConnection] = useState<GraphConnection>();
  useEffect(() => {
    if (!settings || !personId) return undefined;
    const opened = connectGraph(settings, accessTokenOf(personId));
    setConnection(opened);
    return () => {
      setConnection(undefined);
      opened.close();
    };
  }, [settings, personId]);
  return connection;
}

/** Signs one of the sample people in and shows the page as theirs. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const opening = useOpening();
  const [chosen, setChosen] = useState(() => localStorage.getItem(REMEMBERED));
  const person = opening?.people.find(({ id }) => id === chosen) ?? opening?.people[0];
  const connection = useConnection(opening?.settings, person?.id);
  if (!opening || !person || !connection) return <Opening />;
  const switchTo = (personId: string) => {
    localStorage.setItem(REMEMBERED, personId);
    setChosen(personId);
  };
  return (
    <ViewerContext value={{ person, people: opening.people, switchTo }}>
      <SettingsContext value={opening.settings}>
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
