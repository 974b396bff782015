import { useQuery } from '@apollo/client/react';
import { Stack, Table, Text } from '@mantine/core';
import { CourseSalesDocument, TaughtCoursesDocument, type CourseSalesQuery } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { PageTitle } from '../layout/PageTitle';
import { showMoney } from '../showing/money';
import { useViewer } from '../signing-in/viewer';

type TaughtCourse = NonNullable<CourseSalesQuery['courses']>[number];

/** What an instructor's own courses have brought. */
export default function TeachingPage() {
  const { person } = useViewer();
  const query = useQuery(TaughtCoursesDocument);
  const taught = query.data?.courses?.filter(({ instructor }) => instructor?.id === person.id);
  return (
    <Stack>
      <PageTitle>My courses’ sales</PageTitle>
      <Loaded query={query} value={taught}>
        {(courses) => <Sales courseIds={courses.map(({ id }) => id)} />}
      </Loaded>
    </Stack>
  );
}

/** Sales are shown to those who teach the course only, so others' courses are not asked about. */
function Sales({ courseIds }: { readonly courseIds: string[] }) {
  const query = useQuery(CourseSalesDocument, { variables: { ids: courseIds }, fetchPolicy: 'cache-and-network' });
  return (
    <Loaded query={query} value={query.data?.courses}>
      {(courses) => <SalesTable courses={courses} />}
    </Loaded>
  );
}

function SalesTable({ courses }: { readonly courses: readonly TaughtCourse[] }) {
  if (courses.length === 0) return <Text c="dimmed">You teach no courses.</Text>;
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table aria-label="Sales by course">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Course</Table.Th>
            <Table.Th ta="right">Orders</Table.Th>
            <Table.Th ta="right">Gross</Table.Th>
            <Table.Th ta="right">Refunded</Table.Th>
            <Table.Th ta="right">Net</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{courses.flatMap(rowsOf)}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** One for each currency that the course was sold in. */
function rowsOf({ id, title, sales }: TaughtCourse) {
  const nothing = (
    <Table.Tr key={id}>
      <Table.Th scope="row">{title}</Table.Th>
      <Table.Td ta="right">0</Table.Td>
      <Table.Td colSpan={3} />
    </Table.Tr>
  );
  if (!sales?.length) return [nothing];
  return sales.map(({ orders, gross, refunded, net }) => (
    <Table.Tr key={`${id} ${gross.currency}`}>
      <Table.Th scope="row">{title}</Table.Th>
      <Table.Td ta="right">{orders}</Table.Td>
      <Table.Td ta="right">{showMoney(gross)}</Table.Td>
      <Table.Td ta="right">{showMoney(refunded)}</Table.Td>
      <Table.Td ta="right">{showMoney(net)}</Table.Td>
    </Table.Tr>
  ));
}
