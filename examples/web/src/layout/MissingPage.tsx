import { Anchor, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { PageTitle } from './PageTitle';

export function MissingPage() {
  return (
    <Stack align="flex-start">
      <PageTitle>Nothing is here</PageTitle>
      <Anchor component={Link} to="/">
        To the shop
      </Anchor>
    </Stack>
  );
}
