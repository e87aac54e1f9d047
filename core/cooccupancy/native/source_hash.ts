// Made from the C sources by `deno task native`: change those, not this.

/** SHA-256 of what the native engine is made of. */
export const SOURCE_HASH = "36f0caba32f04d4a4e934c96e696db67e4f18e925e59a022f26bc746eac16556";
