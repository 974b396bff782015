import { describe } from '@jest/globals';
import { purchaseSuite } from './purchase-suite.js';

describe('a purchase with the laptop’s embedded parts', () => purchaseSuite(() => ({})));
