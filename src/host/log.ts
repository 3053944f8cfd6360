/** The log of a process: pino, one JSON object in each line, on standard output. */

import { type Logger, pino } from 'pino';
import type { Log } from '#base/log.ts';
import { standardOutput } from './files/standard-output.ts';
import { LogOutput } from './log-output.ts';

export function createLog(level = process.env['KYBERN_LOG'] ?? 'info'): Log {
  // pino's own ends the process when the disk is full, and waits for room while it ends.
  const output = new LogOutput(standardOutput.write);
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, output));
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
