import type { ReactNode } from 'react';
import { Anchor, AppShell, Box, Container, Group, Text } from '@mantine/core';
import { NavLink } from 'react-router';
import { PersonSwitch } from '../signing-in/PersonSwitch';
import { isInstructor, isOperator, useViewer } from '../signing-in/viewer';
import { ColorSchemeSwitch } from './ColorSchemeSwitch';
import classes from './Layout.module.css';

const HEADER_PX = { base: 92, sm: 56 };

/** The frame of every page: where to go, who is signed in. */
export function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <AppShell header={{ height: HEADER_PX }} padding="md">
      <Anchor href="#content" className={classes.skip}>
        Skip to the content
      </Anchor>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" gap="xs" className={classes.header}>
          <Text fw={700} component="span" visibleFrom="sm">
            EduLearn
          </Text>
          <Navigation />
          <Group gap="xs" wrap="nowrap">
            <PersonSwitch />
            <ColorSchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1}>
        <Container size="lg" px={0}>
          {children}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const { person } = useViewer();
  return (
    <Box component="nav" aria-label="Main">
      <Group gap="md" wrap="nowrap">
        <Place to="/">Shop</Place>
        <Place to="/orders">My orders</Place>
        <Place to="/sessions">Sessions</Place>
        {isInstructor(person) && <Place to="/teaching">Teaching</Place>}
        {isOperator(person) && <Place to="/desk">Desk</Place>}
      </Group>
    </Box>
  );
}

function Place({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <NavLink to={to} end={to === '/'} className={classes.place ?? ''}>
      {children}
    </NavLink>
  );
}
