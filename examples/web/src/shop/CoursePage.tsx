import { useQuery } from '@apollo/client/react';
import { Anchor, Stack, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { CourseDocument } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { MissingPage } from '../layout/MissingPage';
import { PageTitle } from '../layout/PageTitle';
import { CourseActions } from './CourseActions';
import { Price } from './Price';

/** One course, with the order that bought it. */
export function CoursePage() {
  const { courseId = '' } = useParams();
  const query = useQuery(CourseDocument, { variables: { id: courseId }, fetchPolicy: 'cache-and-network' });
  if (query.data?.course === null && !query.loading && !query.error) return <MissingPage />;
  return (
    <Loaded query={query} value={query.data?.course}>
      {(course) => (
        <Stack align="flex-start">
          <PageTitle>{course.title}</PageTitle>
          {course.instructor && <Text c="dimmed">with {course.instructor.name}</Text>}
          <Price {...course} />
          <CourseActions course={course} />
          {course.viewerHasPurchased && course.viewerOrder && (
            <Anchor component={Link} to={`/orders/${course.viewerOrder.id}`}>
              Bought with order {course.viewerOrder.number}
            </Anchor>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
