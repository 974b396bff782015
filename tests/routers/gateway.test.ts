import { describe } from '@jest/globals';
import { purchaseSuite } from '../e2e/purchase-suite.js';

describe('a purchase through the gateway of the laptop', () => purchaseSuite(() => ({})));
