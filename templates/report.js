// Made from page/*.ts by `deno task page`: change these, not this.
// deno-lint-ignore-file
(() => {
  // page/main.ts
  console.log(document.title);
})();
