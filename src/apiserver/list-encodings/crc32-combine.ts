/**
 * The CRC-32 of two pieces in a row, from the CRC of each: polynomials over two elements, as zlib combines
 * them.
 */

/** CRC-32's polynomial, the highest power in the lowest bit. */
const polynomial = 0xedb88320;
const unit = 0x80000000;

/** `crc(a + b)`, where `b` has `length` bytes. */
export function combineCrc32(a: number, b: number, length: number): number {
  return (multiply(powerOfX(length * 8), a) ^ b) >>> 0;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = unit; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return product >>> 0;
}

/** x to the power of `exponent`, by squaring. */
function powerOfX(exponent: number): number {
  let power = unit;
  let square = unit >>> 1;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}
