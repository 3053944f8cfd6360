/** The API server's arguments of its shutdown. */

import { durationMs, toggle } from '../argument.ts';

export const shutdownArguments = {
  'shutdown-delay-duration': durationMs(
    'How long new requests are still accepted after the shutdown has begun and /readyz fails. Default 0.',
  ),
  'shutdown-send-retry-after': toggle(
    'Whether later requests get 429 as long as others are being answered; else connections are refused. Default false.',
  ),
  'shutdown-watch-termination-grace-period': durationMs(
    'The time over which the ends of open watches are spread. Default 0: all at once.',
  ),
};
