// A button on the first page of Orthanc Explorer. The page is a document of its own, so jQuery Mobile must not load it into this one.
$('#lookup').live('pagebeforeshow', function() {
  if ($('#response-cache-button').length === 0) {
    var button = $('<a>')
      .attr('id', 'response-cache-button')
      .attr('href', '../plugins/response-cache/app/')
      .attr('data-role', 'button')
      .attr('data-icon', 'info')
      .attr('data-ajax', 'false')
      .text('Response cache');
    button.insertAfter($('#lookup-form')).button();
  }
});
