import { useLocalStorage } from '@mantine/hooks';
import { useViewer } from '../signing-in/viewer';

interface CartContent {
  readonly courseIds: readonly string[];
  readonly couponCode: string;
}

/** The viewer's cart, kept in this browser until it is ordered. */
export interface Cart extends CartContent {
  add(courseId: string): void;
  remove(courseIds: readonly string[]): void;
  setCouponCode(code: string): void;
  empty(): void;
}

const EMPTY: CartContent = { courseIds: [], couponCode: '' };

export function useCart(): Cart {
  const { person } = useViewer();
  const [content, setContent] = useLocalStorage<CartContent>({
    key: `cart ${person.id}`,
    defaultValue: EMPTY,
    getInitialValueInEffect: false,
  });
  const { courseIds, couponCode } = content;
  const without = (ids: readonly string[]) => courseIds.filter((id) => !ids.includes(id));
  return {
    courseIds,
    couponCode,
    add: (courseId) => setContent({ ...content, courseIds: [...without([courseId]), courseId] }),
    remove: (ids) => setContent({ ...content, courseIds: without(ids) }),
    setCouponCode: (code) => setContent({ ...content, couponCode: code.trim() }),
    empty: () => setContent(EMPTY),
  };
}
