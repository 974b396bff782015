import { useEffect } from 'react';
import { Title } from '@mantine/core';

/** The heading of a page, which is also what the browser and screen readers call it. */
export function PageTitle({ children }: { readonly children: string }) {
  useEffect(() => {
    document.title = `${children} · EduLearn`;
  }, [children]);
  return <Title order={1}>{children}</Title>;
}
