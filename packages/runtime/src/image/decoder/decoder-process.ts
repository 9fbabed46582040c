import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FrameReader, type Frame } from './frame-reader.js';
import { frameHead, type DecodeReply, type DecodeRequest } from './messages.js';

/** The process ended without an answer. */
export class DecoderEnded extends Error {}

interface Pending {
  resolve(frame: Frame<DecodeReply>): void;
  reject(error: Error): void;
}

/** A process that decodes one picture at a time. While it has nothing to do it does not keep the caller alive. */
export class DecoderProcess {
  readonly #child: ChildProcess;
  #pending: Pending | undefined;
  #usable = true;

  /** @param script - the compiled entry of the process */
  constructor(script: URL) {
    // No inherited flags: a loader or an inspector meant for the host program does not belong there.
    this.#child = spawn(process.execPath, [fileURLToPath(script)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const reader = new FrameReader<DecodeReply & { readonly bytes?: number }>((frame) => {
      if (!frame.message.ok && frame.message.kind === 'memory') this.#usable = false;
      this.#settle()?.resolve(frame);
    });
    this.#child.stdout?.on('data', (piece: Buffer) => reader.take(piece));
    // A pipe that breaks shows as the end of the process.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `code ${code}`));
    this.#hold(false);
  }

  /** Whether it can be asked (again). */
  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Asks for one picture.
   * @throws DecoderEnded when the process ends first
   */
  ask(request: DecodeRequest, bytes: Uint8Array): Promise<Frame<DecodeReply>> {
    return new Promise((resolve, reject) => {
      if (!this.#usable) return reject(new DecoderEnded('it had ended before'));
      this.#pending = { resolve, reject };
      this.#hold(true);
      this.#child.stdin?.write(frameHead(request));
      if (bytes.length > 0) this.#child.stdin?.write(bytes);
    });
  }

  /** Ends the process at once, whatever it does. */
  kill(): void {
    this.#usable = false;
    this.#child.kill('SIGKILL');
  }

  #end(reason: string): void {
    this.#usable = false;
    this.#settle()?.reject(new DecoderEnded(reason));
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#hold(false);
    return pending;
  }

  #hold(alive: boolean): void {
    const { stdin, stdout } = this.#child;
    for (const handle of [this.#child, stdin as Socket | null, stdout as Socket | null]) {
      if (alive) handle?.ref();
      else handle?.unref();
    }
  }
}
