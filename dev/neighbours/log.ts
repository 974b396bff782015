/** Takes one structured line. */
export type Log = (line: object) => void;
