import { useQuery } from '@apollo/client/react';
import { Stack, Text } from '@mantine/core';
import { CourseSalesDocument, TaughtCoursesDocument, type CourseSalesQuery } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { PageTitle } from '../layout/PageTitle';
import { SalesTable } from '../showing/SalesTable';
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
        {(courses) =>
          courses.length > 0 ? (
            <Sales courseIds={courses.map(({ id }) => id)} />
          ) : (
            <Text c="dimmed">You teach no courses.</Text>
          )
        }
      </Loaded>
    </Stack>
  );
}

/** Sales are shown to those who teach the course only, so others' courses are not asked about. */
function Sales({ courseIds }: { readonly courseIds: string[] }) {
  const query = useQuery(CourseSalesDocument, { variables: { ids: courseIds }, fetchPolicy: 'cache-and-network' });
  return (
    <Loaded query={query} value={query.data?.courses}>
      {(courses) => <SalesTable caption="Sales by course" of="Course" rows={courses.flatMap(salesOf)} />}
    </Loaded>
  );
}

/** One for each currency that the course was sold in; of one that nobody has bought, nothing in its own, as the browser shows it. */
function salesOf({ title, currency, sales }: TaughtCourse) {
  const { maximumFractionDigits: decimalPlaces = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const nothing = { amount: 0, currency, decimalPlaces };
  const sold = sales?.length ? sales : [{ orders: 0, gross: nothing, refunded: nothing, net: nothing }];
  return sold.map((amounts) => ({ ...amounts, name: title }));
}
