import type { SampleSession } from '../../sample/sample-data.js';
import { MOST_SEATS } from '../session-service/session-actions.js';
import type { Html } from './html.js';
import { html, page } from './html.js';

/** The live sessions on a page of their own. */
export function sessionsPage(sessions: readonly SampleSession[]): string {
  return page(
    'Live sessions',
    html`${sessionTable(sessions)}
      <p><a href="/">Open payments</a></p>`,
  );
}

/** Why nothing was done with a session. */
export function refusalPage(error: string): string {
  return page('Nothing was done', html`<p>${error}. <a href="/sessions">Live sessions</a></p>`);
}

/** The live sessions with their buttons. */
export function sessionTable(sessions: readonly SampleSession[]): Html {
  if (sessions.length === 0) return html`<p>None.</p>`;
  return html`<table>
    <tr>
      <th>Session</th>
      <th>Price</th>
      <th>Seats</th>
      <th>Begins</th>
      <th></th>
    </tr>
    ${sessions.map(row)}
  </table>`;
}

function row({ id, title, price, currency, maxSlots, startsAt }: SampleSession): Html {
  return html`<tr>
    <td>${title}<br /><code>${id}</code></td>
    <td>${price === 0 ? 'free' : `${currency} ${price}`}</td>
    <td>${maxSlots}</td>
    <td>${startsAt ? minuteOf(startsAt) : 'not set'}</td>
    <td>
      ${button(id, 'cancel', 'Cancel')}
      ${maxSlots < MOST_SEATS ? button(id, `capacity/${maxSlots + 1}`, '+1 seat') : undefined}
      ${maxSlots > 0 ? button(id, `capacity/${maxSlots - 1}`, '−1 seat') : undefined}
    </td>
  </tr>`;
}

/** As in 2026-11-25 18:56 UTC. */
function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function button(id: string, action: string, label: string): Html {
  return html`<form method="post" action="/sessions/${id}/${action}"><button>${label}</button></form>`;
}
