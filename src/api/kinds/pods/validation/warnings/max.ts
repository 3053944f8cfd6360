/** How many warnings of one sort a pod gets: no answer carries more, as its header holds some four thousand signs. */

export const warningsMax = 256;
