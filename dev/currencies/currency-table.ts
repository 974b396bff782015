const ENTRY = /<CcyNtry>(.*?)<\/CcyNtry>/gs;

/** ISO 4217 list one, read from the XML file of the maintenance agency. */
export interface CurrencyList {
  /** Date of publication, such as 2026-01-01. */
  readonly published: string;
  /** By code, in alphabetical order; codes without minor units (metals, test codes) are left out. */
  readonly decimalPlaces: ReadonlyMap<string, number>;
}

/** @throws Error where the text is not list one */
export function readCurrencyList(xml: string): CurrencyList {
  const published = /<ISO_4217 Pblshd="(\d{4}-\d{2}-\d{2})">/.exec(xml)?.[1];
  const entries = [...xml.matchAll(ENTRY)].flatMap(([, entry = '']) => readEntry(entry));
  if (!published || entries.length === 0) throw new Error('this is not ISO 4217 list one');
  return { published, decimalPlaces: new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Places without a currency of their own, such as Antarctica, have an entry without a code. */
function readEntry(entry: string): [code: string, decimalPlaces: number][] {
  const code = /<Ccy>([A-Z]{3})<\/Ccy>/.exec(entry)?.[1];
  const units = /<CcyMnrUnts>([^<]+)<\/CcyMnrUnts>/.exec(entry)?.[1];
  return code && units && units !== 'N.A.' ? [[code, Number(units)]] : [];
}

/** The TypeScript module that holds the list. */
export function printCurrencyTable({ published, decimalPlaces }: CurrencyList): string {
  const byPlaces = Map.groupBy(decimalPlaces, ([, places]) => places);
  const lines = [...byPlaces]
    .sort(([a], [b]) => a - b)
    .map(([places, entries]) => `  ${places}: '${entries.map(([code]) => code).join(' ')}',`);
  return `// Generated from dev/currencies/iso-4217-list-one.xml; do not edit.

/** When the ISO 4217 maintenance agency published the list. */
export const ISO_4217_PUBLISHED = '${published}';

/** The codes of ISO 4217 list one by their number of decimal places. */
export const CODES_BY_DECIMAL_PLACES: Readonly<Record<number, string>> = {
${lines.join('\n')}
};
`;
}
