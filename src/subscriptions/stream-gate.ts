/** How many streams may be open in a process at once. */
export interface StreamLimits {
  readonly perViewer: number;
  readonly total: number;
}

/** No further stream can be opened: by this viewer, or by anybody. */
export class TooManyStreams extends Error {
  override name = 'TooManyStreams';

  constructor(readonly of: 'viewer' | 'process') {
    super(of === 'viewer' ? 'you have too many streams open' : 'too many streams are open here');
  }
}

/** The viewer's account is blocked: no stream is opened for it. */
export class ViewerBlocked extends Error {
  override name = 'ViewerBlocked';

  constructor() {
    super('your account is blocked');
  }
}

/** Counts the open streams of a process, of all kinds together. */
export class StreamGate {
  readonly #limits: StreamLimits;
  readonly #open = new Map<string, number>();
  #total = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /**
   * Lets a stream of a viewer in.
   * @returns a function that lets it out again; further calls of it change nothing
   * @throws TooManyStreams
   */
  enter(viewerId: string): () => void {
    const own = this.#open.get(viewerId) ?? 0;
    if (own >= this.#limits.perViewer) throw new TooManyStreams('viewer');
    if (this.#total >= this.#limits.total) throw new TooManyStreams('process');
    this.#open.set(viewerId, own + 1);
    this.#total += 1;
    let isOpen = true;
    return () => {
      if (isOpen) this.#leave(viewerId);
      isOpen = false;
    };
  }

  #leave(viewerId: string): void {
    this.#total -= 1;
    const left = (this.#open.get(viewerId) ?? 1) - 1;
    if (left > 0) this.#open.set(viewerId, left);
    else this.#open.delete(viewerId);
  }
}
