/** How many parts a full rewrite of a state is spread over: each checkpoint rewrites one, so that no older checkpoint is ever needed. */
export const rewriteParts = 64;
