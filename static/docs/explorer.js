const explorer = document.getElementById("explorer");

window.SwaggerUIBundle({
  domNode: explorer,
  url: explorer.dataset.document,
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
