import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { generatedCourses, generatedStudents } from './generated-sample.js';
import type { SampleData } from './sample-schema.js';
import { sampleSchema } from './sample-schema.js';

export type { SampleCourse, SampleData, SampleSession, SampleUser } from './sample-schema.js';

const DEFAULT_FILE = fileURLToPath(new URL('../sample-data.json', import.meta.url));
const MOST_GENERATED = 1_000_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** The sample file or one of its settings is wrong. The message names what, one line a problem. */
export class SampleDataError extends Error {
  override name = 'SampleDataError';
}

/** How many students and courses are generated; undefined where the setting is absent. */
export interface SampleCounts {
  readonly students: number | undefined;
  readonly courses: number | undefined;
}

/** @throws SampleDataError when SAMPLE_STUDENTS or SAMPLE_COURSES is not a whole number */
export function sampleCounts(env: Environment): SampleCounts {
  return { students: count(env, 'SAMPLE_STUDENTS'), courses: count(env, 'SAMPLE_COURSES') };
}

function count(env: Environment, name: string): number | undefined {
  const given = env[name];
  if (given === undefined || given === '') return undefined;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0 && value <= MOST_GENERATED) return value;
  throw new SampleDataError(`${name}: given "${given}"; expected a whole number from 0 to ${MOST_GENERATED}`);
}

/**
 * The users, courses and sessions of the laptop: the sample file (SAMPLE_DATA names another one) and, after its own,
 * as many generated students and courses as SAMPLE_STUDENTS and SAMPLE_COURSES say.
 * @param now what relative times in the file refer to
 * @throws SampleDataError when the file cannot be read or does not have the shape
 */
export function loadSampleData(env: Environment = process.env, now: Date = new Date()): SampleData {
  const file = env['SAMPLE_DATA'] || DEFAULT_FILE;
  const result = sampleSchema(now).safeParse(readJson(file));
  if (!result.success) throw new SampleDataError(`${file}:\n${z.prettifyError(result.error)}`);
  const { students, courses } = sampleCounts(env);
  const sample = result.data;
  return {
    users: [...sample.users, ...generatedStudents(students ?? 0)],
    courses: [...sample.courses, ...generatedCourses(courses ?? 0, instructorOf(sample, file, courses ?? 0))],
    sessions: sample.sessions,
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SampleDataError(`${file}: ${(error as Error).message}`);
  }
}

function instructorOf(sample: SampleData, file: string, courses: number): string {
  const instructor = sample.users.find(({ roles }) => roles.includes('instructor'));
  if (!instructor && courses > 0) {
    throw new SampleDataError(`${file}: generated courses need a user with the role instructor`);
  }
  return instructor?.id ?? '';
}
