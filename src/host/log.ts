/** The log of a process: pino, one JSON object in each line, on standard output. */

import { type Logger, pino } from 'pino';
import type { Log } from '#base/log.ts';

export function createLog(level = process.env['KYBERN_LOG'] ?? 'info'): Log {
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }));
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
