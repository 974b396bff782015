/** Where the page finds what it talks to; served beside it. */
export interface Settings {
  readonly graphUrl: string;
  /** Over WebSocket; null where the gateway has no subscriptions, then the page asks again from time to time. */
  readonly subscriptionsUrl: string | null;
  /** Where a Razorpay order is paid: that provider gives no link of its own. The order's id follows it. */
  readonly razorpayUrl: string;
}

export async function fetchSettings(): Promise<Settings> {
  const answer = await fetch(`${import.meta.env.BASE_URL}settings.json`);
  if (!answer.ok) throw new Error(`the settings answered ${answer.status}`);
  return (await answer.json()) as Settings;
}
