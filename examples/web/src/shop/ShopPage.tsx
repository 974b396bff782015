import { useQuery } from '@apollo/client/react';
import { Anchor, Card, Grid, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { CoursesDocument, type CourseCardFragment } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { PageTitle } from '../layout/PageTitle';
import { CartPanel } from './CartPanel';
import { CourseActions } from './CourseActions';
import { Price } from './Price';

/** What is on sale, and the cart. */
export function ShopPage() {
  const query = useQuery(CoursesDocument, { fetchPolicy: 'cache-and-network' });
  return (
    <Stack>
      <PageTitle>Shop</PageTitle>
      <Grid>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Loaded query={query} value={query.data?.courses}>
            {(courses) => (
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                {courses.map((course) => (
                  <CourseCard key={course.id} course={course} />
                ))}
              </SimpleGrid>
            )}
          </Loaded>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <CartPanel />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function CourseCard({ course }: { readonly course: CourseCardFragment }) {
  return (
    <Card withBorder component="article">
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Title order={2} size="h4">
            <Anchor component={Link} to={`/courses/${course.id}`} c="inherit">
              {course.title}
            </Anchor>
          </Title>
          {course.instructor && (
            <Text size="sm" c="dimmed">
              with {course.instructor.name}
            </Text>
          )}
        </div>
        <Price {...course} />
        <CourseActions course={course} />
      </Stack>
    </Card>
  );
}
