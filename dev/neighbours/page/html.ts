/** Text that is HTML already and is not escaped again. */
export class Html {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value ?? '').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A template whose values are escaped, except Html and lists of it; undefined and null are left out. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(render)));
}

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #8884; }
  code { font-size: .9em; overflow-wrap: anywhere; }
  form { display: inline-block; margin: 0 .5rem .5rem 0; }
  button { font: inherit; padding: .5rem 1.1rem; border: 1px solid #8886; border-radius: .5rem; cursor: pointer; }
  td form { margin: 0 .25rem .25rem 0; }
  td button { padding: .2rem .6rem; white-space: nowrap; }
  button.approve { background: #1a7f4b; border-color: #1a7f4b; color: #fff; }
  .amount { font-size: 2rem; font-weight: 600; margin: 0; }
  .note { padding: .75rem 1rem; border-left: 4px solid #4a7dde; background: #4a7dde1a; }
  small { opacity: .75; }`;

/** A whole page; needs nothing from outside. */
export function page(title: string, body: Html): string {
  const style = new Html(STYLE);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
        <p><small>Stand-in payment page of the EduLearn laptop. No money moves.</small></p>
      </body>
    </html> `.text;
}
