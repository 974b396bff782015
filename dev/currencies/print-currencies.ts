import { keepFiles, readProject } from '../docs/documents.js';
import { formatted } from '../docs/formatted.js';
import { printCurrencyTable, readCurrencyList } from './currency-table.js';

/** Writes the currency table of the service from ISO 4217 list one; `--check` fails when it differs. */
const FILE = 'src/entities/shared/currency-table.ts';

const table = printCurrencyTable(readCurrencyList(readProject('dev/currencies/iso-4217-list-one.xml')));
keepFiles({ [FILE]: await formatted(FILE, table) }, 'npm run currencies');
