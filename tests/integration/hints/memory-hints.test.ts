import { describe } from '@jest/globals';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { hintsContract } from './hints-contract.js';

describe('hints in memory', () => {
  hintsContract(createMemoryHints);
});
