console.log(document.title);
