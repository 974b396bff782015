import { Card, Text, Timeline, Title } from '@mantine/core';
import type { OrderDetailsFragment } from '../generated/graphql';
import { showMoment } from '../showing/times';
import { ACTOR, EVENT, STATUS_REASON } from '../showing/words';

/** What has happened to the order, in order. */
export function TimelineCard({ timeline }: Pick<OrderDetailsFragment, 'timeline'>) {
  return (
    <Card withBorder component="section" aria-label="Timeline">
      <Title order={2} size="h4" mb="sm">
        Timeline
      </Title>
      <Timeline active={timeline.length - 1} bulletSize={14} lineWidth={2}>
        {timeline.map((event) => (
          <Timeline.Item key={event.version} title={titleOf(event)} data-event={event.type}>
            <Text size="xs" c="dimmed">
              {showMoment(event.occurredAt)} · {ACTOR[event.actor]}
              {event.reason && ` · ${STATUS_REASON[event.reason]}`}
            </Text>
            {event.note && <Text size="sm">{event.note}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
}

const titleOf = ({ type, item }: OrderDetailsFragment['timeline'][number]) =>
  item ? `${EVENT[type]}: ${item.title}` : EVENT[type];
