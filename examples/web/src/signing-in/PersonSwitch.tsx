import { NativeSelect } from '@mantine/core';
import { useViewer } from './viewer';

/** Signs in as another of the sample people. */
export function PersonSwitch() {
  const { person, people, switchTo } = useViewer();
  const data = people.map(({ id, name, roles, status }) => ({
    value: id,
    label: `${name} (${status === 'blocked' ? 'blocked' : roles.join(', ')})`,
  }));
  return (
    <NativeSelect
      aria-label="Signed in as"
      size="xs"
      data={data}
      value={person.id}
      onChange={(event) => switchTo(event.currentTarget.value)}
    />
  );
}
